//! A guide of `docs/guides/` as a reader follows it: its commands are run as they stand, its blocks are compared with the files they show.

use std::fs;

use crate::process::Finished;
use crate::programs;
use crate::terraform::Workspace;

/// A guide's text.
#[derive(Debug, Clone)]
pub struct Guide {
    text: String,
}

impl Guide {
    /// `docs/guides/<name>.md`.
    pub fn read(name: &str) -> Self {
        let path = programs::root().join(format!("docs/guides/{name}.md"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { text }
    }

    /// The code blocks of a language, in their order.
    pub fn blocks(&self, language: &str) -> Vec<String> {
        let fence = format!("```{language}\n");
        let parts = self.text.split(&fence).skip(1);
        parts.map(|part| part.split("```").next().unwrap_or_default().to_owned()).collect()
    }

    /// The part below a heading, up to the next heading of whatever level.
    ///
    /// # Panics
    /// When there is no such heading.
    #[track_caller]
    pub fn below(&self, heading: &str) -> Self {
        let (_, rest) = self
            .text
            .split_once(&format!("\n{heading}\n"))
            .unwrap_or_else(|| panic!("the guide has no heading `{heading}`"));
        let end = rest.find("\n#").unwrap_or(rest.len());
        Self { text: rest[..end].to_owned() }
    }

    /// Runs the commands of all `sh` blocks, in one shell, after `change` has put in what differs here, such as a port. A command that
    /// is to fail is written `! …`; without the shell's own rule for that, which would let it pass.
    pub fn run(&self, terraform: &mut Workspace, change: impl Fn(&str) -> String) -> Finished {
        let mut script = "set -eu\n".to_owned();
        for line in change(&self.blocks("sh").join("\n")).lines() {
            match line.strip_prefix("! ") {
                Some(refused) => script.push_str(&format!(
                    "if {refused}; then echo 'not refused: {}'; exit 9; fi\n",
                    refused.replace('\'', "\"")
                )),
                None => script.push_str(&format!("{line}\n")),
            }
        }
        terraform.write("guide.sh", script);
        let bash = programs::on_path("bash").expect("bash");
        terraform.run_program(&bash, &["guide.sh"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_by_their_language_and_heading() {
        let guide = Guide {
            text: "# A\n```sh\none\n```\n## B\n\n```json\n{}\n```\n### C\n```sh\ntwo\n```\n".to_owned(),
        };
        assert_eq!(guide.blocks("sh"), ["one\n", "two\n"]);
        assert_eq!(guide.below("## B").blocks("json"), ["{}\n"]);
        assert_eq!(guide.below("### C").blocks("json"), Vec::<String>::new());
    }
}
