//! A way around serde for what serde cannot carry: secrets (which must reach our own encoder and no other format) and
//! whole [`Dynamic`] trees. The serde format only sees a name; the value goes beside it, through this slot of the thread.

use std::cell::RefCell;

use crate::Dynamic;

thread_local! {
    static SLOT: RefCell<Slot> = const { RefCell::new(Slot { open: 0, value: None }) };
}

struct Slot {
    open: usize,
    value: Option<Dynamic>,
}

/// While it lives, our own encoder runs on this thread and [`give`] accepts values.
pub(crate) struct Open(());

impl Open {
    pub(crate) fn new() -> Self {
        SLOT.with_borrow_mut(|slot| slot.open += 1);
        Self(())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        SLOT.with_borrow_mut(|slot| {
            slot.open -= 1;
            slot.value = None;
        });
    }
}

/// Whether our own encoder runs on this thread.
pub(crate) fn is_open() -> bool {
    SLOT.with_borrow(|slot| slot.open > 0)
}

/// Hands a value over; `false` (and the value is dropped) when nobody is there to take it.
pub(crate) fn give(value: Dynamic) -> bool {
    SLOT.with_borrow_mut(|slot| {
        let accepted = slot.open > 0;
        if accepted {
            slot.value = Some(value);
        }
        accepted
    })
}

/// Takes what was handed over last.
pub(crate) fn take() -> Option<Dynamic> {
    SLOT.with_borrow_mut(|slot| slot.value.take())
}
