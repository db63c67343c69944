//! What `examples/ci` and `action.yml` tell a CI system to do, done here as far as it can be: their scripts are read from the files and run
//! with real Terraform. What no test runs stands in `examples/ci/README.md`.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use secretlint_tests::process::{Finished, Running};
use secretlint_tests::{programs, skip};
use serde_json::{Value, json};

/// Needs no provider from a registry, and breaks a rule.
const CONFIGURATION: &str = r#"
variable "database_password" {
  type    = string
  default = "correct-horse-battery-staple-9"
}

resource "terraform_data" "orders" {
  input = { password = var.database_password }
}
"#;

/// A folder with a configuration, and a PATH with this linter and real Terraform on it.
struct Job {
    folder: tempfile::TempDir,
    path: String,
}

impl Job {
    fn new() -> Option<Self> {
        let Some(terraform) = programs::tool("terraform-1.15.5/terraform") else {
            skip::skip("Terraform 1.15.5 is not installed: run tests/tools/install tests");
            return None;
        };
        let folder = tempfile::tempdir().expect("a scratch folder");
        fs::write(folder.path().join("main.tf"), CONFIGURATION).expect("a file");
        let parent =
            |program: &Path| program.parent().expect("a program is in a folder").display().to_string();
        let path = format!("{}:{}:/usr/bin:/bin", parent(&programs::secretlint()), parent(&terraform));
        Some(Self { folder, path })
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `script` as CI systems do: with `bash -e`, in the job's folder.
    fn bash(&self, script: &str, environment: &[(&str, &str)]) -> Finished {
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", self.folder.path())
            .env("CHECKPOINT_DISABLE", "1")
            .envs(environment.iter().copied());
        let record = tempfile::tempdir().expect("a scratch folder");
        Running::start(command, &record.path().join("run"), None).wait()
    }

    fn plan(&self) {
        self.bash(&step(&example("github/secretlint.yml"), "Plan"), &[]).exits_with(0);
        assert!(self.at("plan.json").exists());
    }
}

fn example(name: &str) -> Value {
    yaml(&format!("examples/ci/{name}"))
}

fn yaml(path: &str) -> Value {
    let text = fs::read_to_string(programs::root().join(path)).expect("the file exists");
    yaml_serde::from_str(&text).expect("it is YAML")
}

/// The script of a named step of a workflow.
fn step(workflow: &Value, name: &str) -> String {
    let steps = workflow["jobs"]["plan"]["steps"].as_array().expect("steps");
    let step = steps.iter().find(|step| step["name"] == name).expect("a step of that name");
    step["run"].as_str().expect("a script").to_owned()
}

/// Runs the action's script with the inputs that a step gives it, as GitHub would; also what it wrote to the step's outputs and summary.
fn action(job: &Job, inputs: &[(&str, &str)]) -> (Finished, String, String) {
    let definition = yaml("action.yml");
    let steps = definition["runs"]["steps"].as_array().expect("steps");
    assert_eq!(steps.len(), 1);
    let names = definition["inputs"].as_object().expect("inputs");
    let mut environment: Vec<(String, String)> = Vec::new();
    for (variable, expression) in steps[0]["env"].as_object().expect("an environment") {
        let name =
            expression.as_str().expect("a text").trim_start_matches("${{ inputs.").trim_end_matches(" }}");
        assert!(names.contains_key(name), "{name} is no input");
        let given = inputs.iter().find(|(input, _)| *input == name).map(|(_, value)| *value);
        let default = names[name]["default"].as_str().unwrap_or_default();
        environment.push((variable.clone(), given.unwrap_or(default).to_owned()));
    }
    for (input, _) in inputs {
        assert!(names.contains_key(*input), "{input} is no input");
    }
    let file = |name: &str| job.at(name).display().to_string();
    environment.extend([
        ("GITHUB_ACTION_PATH".to_owned(), programs::root().display().to_string()),
        ("GITHUB_OUTPUT".to_owned(), file("output")),
        ("GITHUB_STEP_SUMMARY".to_owned(), file("summary")),
        ("RUNNER_TEMP".to_owned(), file("")),
        ("CI".to_owned(), "true".to_owned()),
    ]);
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let finished = job.bash(steps[0]["run"].as_str().expect("a script"), &environment);
    let read = |name: &str| fs::read_to_string(job.at(name)).unwrap_or_default();
    (finished, read("output"), read("summary"))
}

#[test]
fn the_action_annotates_summarises_and_fails() {
    let Some(job) = Job::new() else { return };
    job.plan();
    let workflow = example("github/secretlint.yml");
    let steps = workflow["jobs"]["plan"]["steps"].as_array().expect("steps");
    let step = steps.iter().find(|step| step["id"] == "secretlint").expect("the step of the action");
    let inputs: Vec<(&str, &str)> = step["with"]
        .as_object()
        .expect("inputs")
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().expect("a text")))
        .collect();
    let (run, output, summary) = action(&job, &inputs);
    let run = run.exits_with(1);
    assert!(run.stdout.contains("::error file=main.tf,line="), "{}", run.stdout);
    assert!(output.contains("exit-code=1\n") && output.contains("sarif=secretlint.sarif\n"), "{output}");
    assert!(summary.starts_with("<!-- secretlint -->\n## secretlint: "), "{summary}");
    for file in ["secretlint.sarif", "secretlint.html", "secretlint.md"] {
        assert!(job.at(file).exists(), "{file}");
    }
    let everything = format!("{}{}{output}{summary}", run.stdout, run.stderr);
    assert!(!everything.contains("correct-horse"), "{everything}");
}

#[test]
fn the_action_passes_what_is_below_the_limit_and_says_what_it_cannot_do() {
    let Some(job) = Job::new() else { return };
    job.plan();
    let (run, output, _) = action(&job, &[("plan", "plan.json"), ("fail-on", "none")]);
    run.exits_with(0);
    assert!(output.contains("exit-code=0\n"), "{output}");
    let program = programs::secretlint().display().to_string();
    let (run, output, _) = action(&job, &[("plan", "plan.json\nmissing.json\n"), ("binary", &program)]);
    run.exits_with(2);
    assert!(output.contains("exit-code=2\n"), "{output}");
    let (run, ..) = action(&job, &[("plan", "\n")]);
    run.exits_with(2).says("::error title=secretlint::the input `plan` is empty");
    let (run, output, _) = action(&job, &[("plan", "plan.json"), ("sarif", "x\nexit-code=0")]);
    run.exits_with(2);
    assert!(!output.ends_with("exit-code=0\n"), "an input writes no output of its own: {output}");
}

#[test]
fn the_gitlab_job_writes_the_reports_that_it_declares() {
    let Some(job) = Job::new() else { return };
    let pipeline = example("gitlab/.gitlab-ci.yml");
    let lines: Vec<&str> = pipeline["secretlint"]["script"]
        .as_array()
        .expect("a script")
        .iter()
        .map(|line| line.as_str().expect("a line"))
        .collect();
    job.bash(&lines.join("\n"), &[("CI", "true")]).exits_with(1);
    let artifacts = &pipeline["secretlint"]["artifacts"];
    for file in [&artifacts["paths"][0], &artifacts["reports"]["codequality"], &artifacts["reports"]["junit"]]
    {
        let text = fs::read_to_string(job.at(file.as_str().expect("a file"))).expect("the job wrote it");
        assert!(
            text.contains("terraform_data.orders") || text.contains("database_password"),
            "{file}: {text}"
        );
    }
}

#[test]
fn the_step_for_atlantis_fails_the_plan() {
    let Some(job) = Job::new() else { return };
    job.plan();
    let steps = example("atlantis/repos.yaml")["workflows"]["secretlint"]["plan"]["steps"].clone();
    let steps = steps.as_array().expect("steps");
    let run = steps.iter().find_map(|step| step["run"].as_str()).expect("a run step");
    let shown = job.at("plan.json").display().to_string();
    job.bash(run, &[("SHOWFILE", &shown)]).exits_with(1).says("─[main.tf:");
}

#[test]
fn a_plan_is_linted_from_a_pipe_as_the_error_about_a_binary_plan_says() {
    let Some(job) = Job::new() else { return };
    job.plan();
    let binary = job.bash("secretlint tfplan", &[]).exits_with(2);
    assert!(
        binary.stderr.contains("`tfplan` is a binary plan file") && binary.stderr.contains("`secretlint -`")
    );
    job.bash("set +o pipefail; terraform show -json tfplan | secretlint -", &[]).exits_with(1);
}

/// A server in place of HCP Terraform: it has a plan to give, and keeps the result.
fn hcp(plan: Vec<u8>) -> (String, std::sync::mpsc::Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("it is bound"));
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { continue };
            if let Some(result) = answer(stream, &plan) {
                let _ = sender.send(result);
            }
        }
    });
    (address, receiver)
}

fn answer(mut stream: TcpStream, plan: &[u8]) -> Option<Value> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut head, mut length, mut is_authorised) = (String::new(), 0, false);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if head.is_empty() {
            head.clone_from(&line);
        }
        let lower = line.to_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        is_authorised |= line.trim() == "Authorization: Bearer the-run-token";
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let reply: &[u8] = if head.starts_with("GET /plan ") { plan } else { b"" };
    let status = if is_authorised { "200 OK" } else { "401 Unauthorized" };
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", reply.len())
        .ok()?;
    stream.write_all(reply).ok()?;
    head.starts_with("PATCH /callback ").then(|| serde_json::from_slice(&body).expect("a result in JSON"))
}

/// Runs the script of the run task on a request, with the signature that `key` makes of it.
fn run_task(job: &Job, payload: &Value, key: &str) -> std::process::Output {
    let body = payload.to_string();
    let signature = aws_lc_rs::hmac::sign(
        &aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA512, key.as_bytes()),
        body.as_bytes(),
    );
    let signature: String = signature.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut child = Command::new("python3")
        .arg(programs::root().join("examples/ci/hcp-run-task/run_task.py"))
        .env("SECRETLINT", programs::secretlint())
        .env("TASK_KEY", "the key")
        .env("TASK_SIGNATURE", signature)
        .current_dir(job.folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    child.stdin.take().expect("a pipe").write_all(body.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

#[test]
fn the_run_task_fetches_the_plan_and_says_the_result() {
    let Some(job) = Job::new() else { return };
    job.plan();
    let (address, results) = hcp(fs::read(job.at("plan.json")).expect("a plan"));
    let payload = json!({
        "payload_version": 1, "stage": "post_plan", "access_token": "the-run-token",
        "plan_json_api_url": format!("{address}/plan"), "task_result_callback_url": format!("{address}/callback"),
    });
    let run = run_task(&job, &payload, "the key");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let result = results.recv_timeout(std::time::Duration::from_secs(60)).expect("a result");
    assert_eq!(result["data"]["type"], "task-results");
    assert_eq!(result["data"]["attributes"]["status"], "failed");
    let message = result["data"]["attributes"]["message"].as_str().expect("a message");
    assert!(
        message.contains("value.in_variable_default in ") && !message.contains("correct-horse"),
        "{message}"
    );
}

#[test]
fn a_request_with_a_wrong_signature_is_refused() {
    let Some(job) = Job::new() else { return };
    let run = run_task(&job, &json!({"access_token": "test-token", "stage": "test"}), "another key");
    assert_eq!(run.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&run.stderr).contains("the signature does not fit"));
    let run = run_task(&job, &json!({"access_token": "test-token", "stage": "test"}), "the key");
    assert_eq!(run.status.code(), Some(0), "the request that HCP Terraform makes at set-up");
}

#[test]
fn the_hooks_run_in_pre_commit() {
    let Some(job) = Job::new() else { return };
    let Some(modules) = programs::tool("pre-commit-4.7.0") else {
        return skip::skip("pre-commit 4.7.0 is not installed: run tests/tools/install tests");
    };
    job.plan();
    let hooks = programs::root().join(".pre-commit-hooks.yaml").display().to_string();
    let script = "
        git init -q hooks && cp \"$HOOKS\" hooks/ && git -C hooks add --all && git -C hooks commit -q -m hooks
        mkdir mine && cd mine && git init -q && cp ../plan.json . && cp ../main.tf .
        printf 'repos:\\n- repo: ../hooks\\n  rev: HEAD\\n  hooks:\\n  - id: secretlint\\n' > .pre-commit-config.yaml
        git add --all
        python3 -m pre_commit run --all-files";
    let environment = [
        ("HOOKS", hooks.as_str()),
        ("PYTHONPATH", &modules.display().to_string()),
        ("GIT_AUTHOR_NAME", "a"),
        ("GIT_AUTHOR_EMAIL", "a@example.com"),
        ("GIT_COMMITTER_NAME", "a"),
        ("GIT_COMMITTER_EMAIL", "a@example.com"),
    ];
    let run = job.bash(script, &environment).exits_with(1);
    assert!(run.stdout.contains("- hook id: secretlint\n- exit code: 1\n"), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("─[main.tf:4:3]"), "{}", run.stdout);
    // Without the plan there is nothing to lint.
    job.bash(
        "cd mine && git rm -q --cached plan.json && python3 -m pre_commit run --all-files",
        &environment,
    )
    .exits_with(0)
    .says("(no files to check)Skipped");
}
