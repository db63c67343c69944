//! Plans of a size that nobody means: the linter answers, and the machine lives on.

use std::fs::File;
use std::io::{BufWriter, Write as _};

use secretlint_tests::programs;

use crate::secretlint;

/// Bytes of the one string in the plan.
const STRING: usize = 1 << 30;

#[test]
fn a_string_of_a_gigabyte_is_read() {
    let folder = tempfile::tempdir_in(programs::root().join("target")).expect("a scratch folder");
    let path = folder.path().join("plan.json");
    let mut plan = BufWriter::new(File::create(&path).expect("a file"));
    let chunk = vec![b'a'; 1 << 20];
    plan.write_all(
        br#"{"format_version":"1.2","planned_values":{},"configuration":{},"resource_changes":[{"address":"aws_instance.a",
"mode":"managed","type":"aws_instance","name":"a","provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":["create"],
"before":null,"after_unknown":{},"before_sensitive":false,"after_sensitive":{},"after":{"user_data":""#,
    )
    .expect("room on the disk");
    for _ in 0..STRING / chunk.len() {
        plan.write_all(&chunk).expect("room on the disk");
    }
    plan.write_all(br#""}}}]}"#).expect("room on the disk");
    plan.into_inner().expect("room on the disk");
    secretlint(folder.path(), &["plan.json"]).exits_with(0).says("no findings");
}
