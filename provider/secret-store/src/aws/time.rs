//! Times as the AWS SDK has them, as this crate has them.

use aws_sdk_secretsmanager::primitives::DateTime;
use jiff::Timestamp;

/// The same time; `None` for one beyond the year 9999.
pub(super) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    let nanoseconds = i32::try_from(time.subsec_nanos()).ok()?;
    Timestamp::new(time.secs(), nanoseconds).ok()
}
