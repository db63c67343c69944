//! Plans of any size in the shape that Terraform writes, for measuring: a module of a hundred resources, called with `for_each` as often as
//! needed. The mix is that of an ordinary AWS estate, of which a tenth has to do with secrets. The same size gives the same bytes.

use std::io::{self, Write};

use serde_json::{Value, json};

/// How big a plan is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Number of resource changes.
    pub(crate) changes: usize,
    /// Bytes that each change adds to the file, at least; what the attributes do not need goes into descriptions.
    pub(crate) bytes_per_change: usize,
}

/// Writes a plan.
///
/// # Errors
/// Writing fails.
pub(crate) fn write_plan(out: &mut impl Write, size: Size) -> io::Result<()> {
    let padding = size.bytes_per_change.saturating_sub(BARE_BYTES_PER_CHANGE) / 2;
    write!(
        out,
        r#"{{"format_version":"1.2","terraform_version":"1.14.0","variables":{{}},"planned_values":{{"root_module":{{"child_modules":["#
    )?;
    for place in 0..size.changes {
        let instance = Instance { place, padding };
        let separator = match (place, place % BLOCKS) {
            (0, _) => format!(r#"{{"address":{},"resources":["#, Value::from(instance.module())),
            (_, 0) => format!(r#"]}},{{"address":{},"resources":["#, Value::from(instance.module())),
            _ => ",".to_owned(),
        };
        write!(out, "{separator}{}", instance.planned_value())?;
    }
    write!(out, "{}]}}}},\"resource_changes\":[", if size.changes == 0 { "" } else { "]}" })?;
    for place in 0..size.changes {
        let instance = Instance { place, padding };
        let separator = if place == 0 { "" } else { "," };
        write!(out, "{separator}{}", instance.change())?;
    }
    write!(out, r#"],"configuration":{}}}"#, configuration())
}

/// What a change takes without padding, in both places where it stands.
const BARE_BYTES_PER_CHANGE: usize = 1_150;
/// Resources of the module.
const BLOCKS: usize = 100;

/// Types by how many of a hundred resources have them.
const MIX: [(&str, usize); 17] = [
    ("aws_security_group_rule", 21),
    ("aws_instance", 18),
    ("aws_s3_bucket", 10),
    ("aws_route53_record", 10),
    ("aws_cloudwatch_log_group", 8),
    ("aws_iam_role_policy_attachment", 6),
    ("aws_iam_role", 5),
    ("aws_iam_role_policy", 5),
    ("aws_lambda_function", 4),
    ("aws_ssm_parameter", 3),
    ("aws_secretsmanager_secret", 2),
    ("aws_secretsmanager_secret_version", 2),
    ("aws_kms_key", 2),
    ("aws_secretsmanager_secret_rotation", 1),
    ("aws_db_instance", 1),
    ("kubernetes_secret_v1", 1),
    ("kubernetes_config_map_v1", 1),
];

/// Type of the module's `block`-th resource.
fn block_type(block: usize) -> &'static str {
    let mut left = block % BLOCKS;
    for (resource_type, count) in MIX {
        match left.checked_sub(count) {
            Some(rest) => left = rest,
            None => return resource_type,
        }
    }
    MIX[0].0
}

/// One resource instance of the plan.
struct Instance {
    place: usize,
    padding: usize,
}

impl Instance {
    fn resource_type(&self) -> &'static str {
        block_type(self.place % BLOCKS)
    }

    fn name(&self) -> String {
        format!("r{}", self.place % BLOCKS)
    }

    fn module(&self) -> String {
        format!("module.service[\"s{:05}\"]", self.place / BLOCKS)
    }

    fn address(&self) -> String {
        format!("{}.{}.{}", self.module(), self.resource_type(), self.name())
    }

    fn planned_value(&self) -> Value {
        json!({
            "address": self.address(), "mode": "managed", "type": self.resource_type(), "name": self.name(), "values": self.after(),
            "provider_name": "registry.terraform.io/hashicorp/aws", "schema_version": 0, "sensitive_values": {}
        })
    }

    fn change(&self) -> Value {
        json!({
            "address": self.address(), "module_address": self.module(), "mode": "managed", "type": self.resource_type(),
            "name": self.name(), "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {
                "actions": ["create"], "before": null, "after": self.after(), "after_unknown": self.unknown(),
                "before_sensitive": false, "after_sensitive": self.sensitive()
            }
        })
    }

    fn unknown(&self) -> Value {
        match self.resource_type() {
            "aws_secretsmanager_secret_version" | "aws_secretsmanager_secret_rotation" => {
                json!({ "id": true, "secret_id": true })
            }
            _ => json!({ "id": true, "arn": true, "tags_all": {} }),
        }
    }

    fn sensitive(&self) -> Value {
        match self.resource_type() {
            "aws_db_instance" => json!({ "password": true, "tags": {}, "tags_all": {} }),
            "aws_ssm_parameter" => json!({ "value": true, "tags": {}, "tags_all": {} }),
            "kubernetes_secret_v1" => json!({ "data": true }),
            _ => json!({ "tags": {}, "tags_all": {} }),
        }
    }

    fn after(&self) -> Value {
        let place = self.place;
        let tags = json!({ "Environment": "prod", "Service": format!("service-{}", place / BLOCKS), "owner": "team-orders" });
        let mut after = match self.resource_type() {
            "aws_security_group_rule" => json!({
                "type": "ingress", "from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": [format!("10.{}.0.0/16", place % 250)],
                "security_group_id": format!("sg-{place:017x}"), "self": false
            }),
            "aws_instance" => json!({
                "ami": "ami-0ff8a91507f77f867", "instance_type": "t3.small", "subnet_id": format!("subnet-{place:017x}"), "tags": tags,
                "tags_all": tags, "ebs_optimized": true, "monitoring": false, "user_data": null, "root_block_device": [{ "volume_size": 20 }]
            }),
            "aws_iam_role" => {
                json!({ "name": format!("role-{place}"), "assume_role_policy": trust(), "inline_policy": [], "tags": tags })
            }
            "aws_iam_role_policy" => {
                json!({ "name": format!("policy-{place}"), "role": format!("role-{place}"), "policy": policy(place) })
            }
            "aws_iam_role_policy_attachment" => {
                json!({ "role": format!("role-{place}"), "policy_arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" })
            }
            "aws_lambda_function" => json!({
                "function_name": format!("function-{place}"), "runtime": "python3.13", "memory_size": 256, "timeout": 30,
                "environment": [{ "variables": { "LOG_LEVEL": "INFO", "DB_HOST": "db.internal", "DB_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x" } }],
                "tags": tags
            }),
            "aws_ssm_parameter" => {
                json!({ "name": format!("/service/{place}/setting"), "type": "SecureString", "value": "generated", "key_id": "alias/orders", "tags": tags })
            }
            "aws_secretsmanager_secret" => {
                json!({ "name": format!("service/{place}"), "recovery_window_in_days": 30, "kms_key_id": "alias/orders", "tags": tags, "tags_all": tags })
            }
            "aws_secretsmanager_secret_version" => {
                json!({ "secret_string": null, "secret_string_wo_version": 1 })
            }
            "aws_secretsmanager_secret_rotation" => {
                json!({ "rotate_immediately": true, "rotation_rules": [{ "automatically_after_days": 30, "schedule_expression": null }] })
            }
            "aws_kms_key" => {
                json!({ "enable_key_rotation": true, "deletion_window_in_days": 30, "policy": null, "tags": tags })
            }
            "aws_db_instance" => {
                json!({ "identifier": format!("db-{place}"), "engine": "postgres", "password": "generated", "username": "orders", "tags": tags })
            }
            "kubernetes_secret_v1" => {
                json!({ "metadata": [{ "name": format!("secret-{place}"), "namespace": "prod" }], "data": { "key": "generated" } })
            }
            "kubernetes_config_map_v1" => {
                json!({ "metadata": [{ "name": format!("config-{place}") }], "data": { "LOG_LEVEL": "INFO", "URL": "https://example.com/x" } })
            }
            _ => {
                json!({ "name": format!("thing-{place}"), "tags": tags, "tags_all": tags, "retention_in_days": 30 })
            }
        };
        after["description"] = Value::from("lorem ipsum dolor sit amet ".repeat(self.padding / 27 + 1));
        after
    }
}

fn trust() -> String {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }] }).to_string()
}

fn policy(place: usize) -> String {
    let statement = if place.is_multiple_of(4) {
        json!({ "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:service/{place}-??????") })
    } else {
        json!({ "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [format!("arn:aws:s3:::bucket-{place}"), format!("arn:aws:s3:::bucket-{place}/*")] })
    };
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

fn configuration() -> Value {
    let secret =
        (0..BLOCKS).find(|block| block_type(*block) == "aws_secretsmanager_secret").unwrap_or_default();
    let reference = json!({ "references": [format!("aws_secretsmanager_secret.r{secret}.id"), format!("aws_secretsmanager_secret.r{secret}")] });
    let blocks: Vec<Value> = (0..BLOCKS)
        .map(|block| {
            let resource_type = block_type(block);
            let expressions = match resource_type {
                "aws_secretsmanager_secret_version" | "aws_secretsmanager_secret_rotation" => json!({ "secret_id": reference }),
                "aws_db_instance" => json!({ "password": { "references": ["var.password"] } }),
                _ => json!({ "name": { "references": ["var.name"] } }),
            };
            json!({ "address": format!("{resource_type}.r{block}"), "mode": "managed", "type": resource_type, "name": format!("r{block}"), "provider_config_key": "aws", "expressions": expressions })
        })
        .collect();
    json!({
        "provider_config": { "aws": { "name": "aws", "full_name": "registry.terraform.io/hashicorp/aws", "expressions": { "region": { "constant_value": "eu-west-1" } } } },
        "root_module": { "module_calls": { "service": {
            "source": "./service", "for_each_expression": { "references": ["var.services"] },
            "expressions": { "name": { "references": ["each.key"] }, "password": { "references": ["each.value.password", "each.value"] } },
            "module": { "resources": blocks, "variables": { "name": {}, "password": { "sensitive": true } } }
        } } }
    })
}
