//! What the proxy does to which requests.

use std::sync::Arc;
use std::time::Duration;

use regex::Regex;
use serde_json::Value;

/// The requests that a rule is about.
#[derive(Debug, Clone)]
pub struct When {
    pattern: Regex,
    pass_first: usize,
    times: Option<usize>,
}

/// What happens to the requests that a [`When`] is about.
#[derive(Debug)]
pub struct Rule {
    when: When,
    action: Action,
}

/// What a rule does. The first four decide what the client gets; the others change how it comes to it.
#[derive(Clone)]
pub(super) enum Action {
    /// The server is not asked; the client gets this.
    Answer(Canned),
    /// The server is not asked; the connection breaks.
    Reset,
    /// The server is asked; the connection breaks instead of its answer.
    LoseAnswer,
    /// The server is asked; the client gets this instead of its answer.
    Replace(Canned),
    Delay(Duration),
    Omit(String),
    Call(Arc<dyn Fn() + Send + Sync>),
}

/// An answer that is not the server's.
#[derive(Debug, Clone)]
pub(super) struct Canned {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
}

/// The body of an answer that is not the server's.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Json(Value),
    /// In the form of the protocol that the request speaks.
    AwsError {
        code: String,
        message: String,
    },
}

impl When {
    /// All requests whose `METHOD /path`, without the query, matches this regular expression. To AWS, where nearly everything is
    /// `POST /`, it is `METHOD /path OPERATION`: `When::request(" PutSecretValue$")`.
    pub fn request(pattern: &str) -> Self {
        Self { pattern: Regex::new(pattern).expect("a valid pattern"), pass_first: 0, times: None }
    }

    /// Only so many of them; the later ones are not touched.
    pub fn times(self, times: usize) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Only those after the first so many.
    pub fn after(self, passed: usize) -> Self {
        Self { pass_first: passed, ..self }
    }

    /// Answers with this status and JSON instead of asking the server. Vault's errors have the form `{"errors": ["…"]}`.
    pub fn answers(self, status: u16, body: Value) -> Rule {
        self.rule(Action::Answer(Canned { status, headers: Vec::new(), body: Body::Json(body) }))
    }

    /// Answers with an error of AWS instead of asking the server, in the form of the protocol that the request speaks:
    /// `refuses(400, "ThrottlingException", "Rate exceeded")`.
    pub fn refuses(self, status: u16, code: &str, message: &str) -> Rule {
        self.rule(Action::Answer(Canned::aws_error(status, code, message)))
    }

    /// Lets the server do what it is asked, and then answers with an error of AWS instead.
    pub fn passes_then_refuses(self, status: u16, code: &str, message: &str) -> Rule {
        self.rule(Action::Replace(Canned::aws_error(status, code, message)))
    }

    /// Lets the server do what it is asked, and then answers with this status and JSON instead.
    pub fn passes_then_answers(self, status: u16, body: Value) -> Rule {
        self.rule(Action::Replace(Canned { status, headers: Vec::new(), body: Body::Json(body) }))
    }

    /// Lets the server do what it is asked, and then resets the connection: the client cannot know what became of it.
    pub fn loses_the_answer(self) -> Rule {
        self.rule(Action::LoseAnswer)
    }

    /// Resets the connection before the server hears of the request.
    pub fn resets(self) -> Rule {
        self.rule(Action::Reset)
    }

    /// Waits before the request is passed on.
    pub fn delays(self, time: Duration) -> Rule {
        self.rule(Action::Delay(time))
    }

    /// Leaves out every member of this name, at any depth, from the server's JSON answers: a server without the feature.
    pub fn omits(self, member: &str) -> Rule {
        self.rule(Action::Omit(member.to_owned()))
    }

    /// Calls `hook` when the server has answered and the client does not know it yet, for instance to kill the client just
    /// then. The client waits for the hook.
    pub fn calls(self, hook: impl Fn() + Send + Sync + 'static) -> Rule {
        self.rule(Action::Call(Arc::new(hook)))
    }

    fn rule(self, action: Action) -> Rule {
        Rule { when: self, action }
    }
}

impl Canned {
    fn aws_error(status: u16, code: &str, message: &str) -> Self {
        let body = Body::AwsError { code: code.to_owned(), message: message.to_owned() };
        Self { status, headers: Vec::new(), body }
    }
}

impl Rule {
    /// Adds a header to the answer that this rule gives, such as `retry-after`.
    ///
    /// # Panics
    /// When the rule gives no answer of its own.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let (Action::Answer(canned) | Action::Replace(canned)) = &mut self.action else {
            panic!("a header needs a rule with an answer");
        };
        canned.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Whether this is one of the rules of which only the first decides.
    fn decides(&self) -> bool {
        matches!(self.action, Action::Answer(_) | Action::Reset | Action::LoseAnswer | Action::Replace(_))
    }

    /// Whether the rule is about this request; counts it if so.
    fn takes(&mut self, line: &str) -> bool {
        let when = &mut self.when;
        if !when.pattern.is_match(line) {
            return false;
        }
        if when.pass_first > 0 {
            when.pass_first -= 1;
            return false;
        }
        match &mut when.times {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

/// What happens to this request, in the order of the rules. A rule that comes too late to decide is not used up.
pub(super) fn actions(rules: &mut [Rule], line: &str) -> Vec<Action> {
    let mut decided = false;
    let mut actions = Vec::new();
    for rule in rules {
        if !(decided && rule.decides()) && rule.takes(line) {
            decided |= rule.decides();
            actions.push(rule.action.clone());
        }
    }
    actions
}

impl std::fmt::Debug for Action {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Answer(canned) => write!(formatter, "answers {}", canned.status),
            Self::Reset => write!(formatter, "resets"),
            Self::LoseAnswer => write!(formatter, "loses the answer"),
            Self::Replace(canned) => write!(formatter, "passes, then answers {}", canned.status),
            Self::Delay(time) => write!(formatter, "delays {time:?}"),
            Self::Omit(member) => write!(formatter, "omits {member}"),
            Self::Call(_) => write!(formatter, "calls a hook"),
        }
    }
}
