//! In which regions a configuration works. A secret in one region is a secret that the others lose with it, and do not reach while it is
//! gone; but a second region with nothing in it but a certificate for CloudFront is no reason for a replica. So what counts is where
//! workloads and databases are.

use std::collections::BTreeSet;

use super::super::collected::Collected;
use crate::facts::model::Origin;
use crate::plan::{ModuleConfiguration, Plan, ProviderConfiguration, ResourceConfiguration};

/// Types that run something or hold data for what runs.
const WORKLOADS: [&str; 11] = [
    "aws_apprunner_service",
    "aws_autoscaling_group",
    "aws_batch_compute_environment",
    "aws_db_instance",
    "aws_ecs_service",
    "aws_eks_cluster",
    "aws_elastic_beanstalk_environment",
    "aws_instance",
    "aws_lambda_function",
    "aws_rds_cluster",
    "aws_sfn_state_machine",
];
const SECRET: &str = "aws_secretsmanager_secret";

/// Says of every secret whether it is in one region only although the configuration works in more, as far as that can be told.
pub(super) fn extract(plan: &Plan, collected: &mut Collected) {
    let secrets = collected.facts.secrets.iter_mut().filter(|secret| {
        secret.store == "aws_secretsmanager" && secret.single_region.is_none() && is_decided(&secret.origin)
    });
    let mut secrets = secrets.peekable();
    if secrets.peek().is_none() {
        return;
    }
    let regions = Regions::of(plan);
    if regions.workloads.len() < 2 {
        return;
    }
    for secret in secrets {
        let Some(change) = plan.change_at(&secret.origin.address) else { continue };
        let configuration = plan.configuration_of(change);
        let Some(region) = configuration.and_then(|resource| regions.of_resource(plan, resource)) else {
            continue;
        };
        // A region with secrets of its own does not wait for a replica.
        let left_alone = regions.workloads.difference(&regions.secrets).next().is_some();
        if left_alone && regions.workloads.contains(&region) {
            secret.single_region = Some(true);
        }
    }
}

fn is_decided(origin: &Origin) -> bool {
    !origin.unknown.iter().any(|field| field == "single_region")
}

/// The regions of a configuration, by what is in them.
#[derive(Default)]
struct Regions {
    providers: Vec<(String, String)>,
    workloads: BTreeSet<String>,
    secrets: BTreeSet<String>,
}

impl Regions {
    fn of(plan: &Plan) -> Self {
        let mut regions = Self::default();
        let configuration = plan.configuration();
        for provider in configuration.providers.iter().filter(|provider| provider.name == "aws") {
            if let Some(region) = region_of_provider(plan, provider) {
                regions.providers.push((provider.key.clone(), region));
            }
        }
        regions.add(plan, &configuration.root);
        regions
    }

    fn add(&mut self, plan: &Plan, module: &ModuleConfiguration) {
        for (name, resource) in &module.resources {
            let resource_type = name.split('.').next().unwrap_or_default();
            let works = WORKLOADS.contains(&resource_type);
            if !works && resource_type != SECRET {
                continue;
            }
            let Some(region) = self.of_resource(plan, resource) else { continue };
            if works && !(resource_type == "aws_lambda_function" && is_at_the_edge(plan, resource, &region)) {
                self.workloads.insert(region);
            } else if resource_type == SECRET {
                self.secrets.insert(region);
            }
        }
        for call in module.calls.values() {
            self.add(plan, &call.module);
        }
    }

    /// The region a block works in: its own argument, else that of its provider block.
    fn of_resource(&self, plan: &Plan, resource: &ResourceConfiguration) -> Option<String> {
        if plan.expressions_mention(resource, "region")
            && let Some(region) = plan.expressions(resource).get("region")
        {
            return region.get("constant_value")?.as_str().map(str::to_owned);
        }
        let key = resource.provider_key.as_ref()?;
        self.providers.iter().find(|(provider, _)| provider == key).map(|(_, region)| region.clone())
    }
}

/// The region of a provider block: written out, or a variable's value.
fn region_of_provider(plan: &Plan, provider: &ProviderConfiguration) -> Option<String> {
    let expressions = plan.provider_expressions(provider);
    let region = expressions.get("region")?;
    if let Some(constant) = region.get("constant_value") {
        return constant.as_str().map(str::to_owned);
    }
    let [reference] = region.get("references")?.as_array()?.as_slice() else { return None };
    let name = reference.as_str()?.strip_prefix("var.")?;
    let variable = plan.variables().iter().find(|variable| variable.name == name)?;
    plan.variable_value(variable).as_str().map(str::to_owned)
}

/// CloudFront takes its functions from `us-east-1`, published, wherever the rest is.
fn is_at_the_edge(plan: &Plan, resource: &ResourceConfiguration, region: &str) -> bool {
    region == "us-east-1"
        && plan.expressions(resource).pointer("/publish/constant_value")
            == Some(&serde_json::Value::Bool(true))
}
