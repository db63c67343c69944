//! How Secrets get into pods: as environment variables, which every crash report and child process gets, or as files of a volume.

use super::super::collected::Collected;
use super::super::model::{Delivery, Origin};
use super::super::subject::Subject;
use super::object::Part;

/// Where the pod stands in an object of each kind, in the API's words.
const PODS: [(&str, &[&str]); 9] = [
    ("CronJob", &["spec", "jobTemplate", "spec", "template", "spec"]),
    ("DaemonSet", &["spec", "template", "spec"]),
    ("Deployment", &["spec", "template", "spec"]),
    ("Job", &["spec", "template", "spec"]),
    ("Pod", &["spec"]),
    ("PodTemplate", &["template", "spec"]),
    ("ReplicaSet", &["spec", "template", "spec"]),
    ("ReplicationController", &["spec", "template", "spec"]),
    ("StatefulSet", &["spec", "template", "spec"]),
];

/// Driver of the volumes that mount secrets of a store outside the cluster.
const CSI_DRIVER: &str = "secrets-store.csi.k8s.io";

/// A Deployment, Job or other typed resource with a pod template.
pub(super) fn templated(subject: &Subject<'_>, collected: &mut Collected) {
    pod(&Part::of_resource(subject).find(&["spec", "template", "spec"]), collected);
}

pub(super) fn cron_job(subject: &Subject<'_>, collected: &mut Collected) {
    pod(&Part::of_resource(subject).find(&["spec", "jobTemplate", "spec", "template", "spec"]), collected);
}

pub(super) fn single_pod(subject: &Subject<'_>, collected: &mut Collected) {
    pod(&Part::of_resource(subject).get("spec"), collected);
}

/// `kubernetes_env`: variables for a workload that is not declared here.
pub(super) fn env(subject: &Subject<'_>, collected: &mut Collected) {
    variables(&Part::of_resource(subject), collected);
}

/// Adds the deliveries of a manifest; of a kind without pods, none.
pub(super) fn object(kind: &str, object: &Part<'_>, collected: &mut Collected) {
    if let Some((_, path)) = PODS.iter().find(|(known, _)| *known == kind) {
        pod(&object.find(path), collected);
    }
}

fn pod(pod: &Part<'_>, collected: &mut Collected) {
    let containers: Vec<Part<'_>> =
        ["initContainers", "containers"].into_iter().flat_map(|list| pod.each(list)).collect();
    for container in &containers {
        variables(container, collected);
    }
    for volume in pod.each("volumes") {
        files(&volume, &containers, collected);
    }
}

/// Variables that are filled from a Secret, one by one and all of its members at once.
fn variables(container: &Part<'_>, collected: &mut Collected) {
    for variable in container.each("env") {
        let from = variable.find(&["valueFrom", "secretKeyRef"]);
        if from.is_set() {
            let name = variable.get("name");
            add("environment", &variable, &name, &from.get("name"), None, collected);
        }
    }
    for all in container.each("envFrom") {
        let from = all.get("secretRef");
        if from.is_set() {
            add("environment", &all, &all.get("prefix"), &from.get("name"), None, collected);
        }
    }
}

/// A volume with Secrets. The kubelet writes new values into it, but not where a container mounts one file of it by `subPath`.
fn files(volume: &Part<'_>, containers: &[Part<'_>], collected: &mut Collected) {
    let name = volume.get("name");
    let mounts = || containers.iter().flat_map(|container| container.each("volumeMounts"));
    let pinned = mounts().any(|mount| {
        mount.get("name").text() == name.text()
            && mount.get("subPath").text().is_some_and(|path| !path.is_empty())
    });
    let secret = volume.find(&["secret", "secretName"]);
    if secret.is_set() {
        add("file", volume, &name, &secret, Some(!pinned), collected);
    }
    for source in volume.get("projected").each("sources") {
        let secret = source.find(&["secret", "name"]);
        if secret.is_set() {
            add("file", &source, &name, &secret, Some(!pinned), collected);
        }
    }
    let csi = volume.get("csi");
    if csi.get("driver").text() == Some(CSI_DRIVER) {
        // Whether the driver looks for new values is a setting of the driver.
        let class = csi.get("volumeAttributes").named("secretProviderClass");
        add("file", volume, &name, &class, None, collected);
    }
}

fn add(
    kind: &'static str,
    at: &Part<'_>,
    name: &Part<'_>,
    secret: &Part<'_>,
    refreshes: Option<bool>,
    collected: &mut Collected,
) {
    let mut origin: Origin = at.origin();
    let name = name.field(&mut origin, "name");
    let secret = secret.field(&mut origin, "secret");
    let delivery = Delivery::of(origin, kind, at.path.clone());
    collected.facts.deliveries.push(Delivery { name, secret, file_possible: true, refreshes, ..delivery });
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::super::tests::{facts, resource};

    fn deliveries(resource_type: &str, after: Value) -> Vec<String> {
        let facts = facts(vec![resource(resource_type, "a").after(after)]);
        let text = |delivery: &super::Delivery| {
            let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            format!(
                "{} {} {} {:?}",
                delivery.kind,
                part(&delivery.name),
                part(&delivery.secret),
                delivery.refreshes
            )
        };
        facts.deliveries.iter().map(text).collect()
    }

    fn secret_pod() -> Value {
        json!([{
            "init_container": [{ "env": [{ "name": "TOKEN", "value_from": [{ "secret_key_ref": [{ "name": "ci", "key": "token" }] }] }] }],
            "container": [{
                "env": [
                    { "name": "PORT", "value": "80", "value_from": [] },
                    { "name": "PASSWORD", "value_from": [{ "secret_key_ref": [{ "name": "db", "key": "password" }] }] },
                    { "name": "REGION", "value_from": [{ "config_map_key_ref": [{ "name": "app", "key": "region" }] }] },
                ],
                "env_from": [{ "secret_ref": [{ "name": "all" }] }, { "config_map_ref": [{ "name": "app" }] }],
                "volume_mount": [{ "name": "one", "sub_path": "password" }],
            }],
            "volume": [
                { "name": "certificates", "secret": [{ "secret_name": "tls" }] },
                { "name": "one", "secret": [{ "secret_name": "db" }] },
                { "name": "both", "projected": [{ "sources": [{ "secret": [{ "name": "api" }] }, { "config_map": [{ "name": "app" }] }] }] },
                { "name": "store", "csi": [{ "driver": "secrets-store.csi.k8s.io", "volume_attributes": { "secretProviderClass": "vault" } }] },
                { "name": "disk", "csi": [{ "driver": "ebs.csi.aws.com" }] },
            ],
        }])
    }

    const EXPECTED: [&str; 7] = [
        "environment TOKEN ci None",
        "environment PASSWORD db None",
        "environment - all None",
        "file certificates tls Some(true)",
        "file one db Some(false)",
        "file both api Some(true)",
        "file store vault None",
    ];

    #[test]
    fn every_workload_tells_how_its_secrets_get_in() {
        for resource_type in [
            "kubernetes_deployment",
            "kubernetes_deployment_v1",
            "kubernetes_stateful_set_v1",
            "kubernetes_daemon_set_v1",
            "kubernetes_daemonset",
            "kubernetes_job_v1",
            "kubernetes_replication_controller_v1",
        ] {
            let after = json!({ "spec": [{ "template": [{ "spec": secret_pod() }] }] });
            assert_eq!(deliveries(resource_type, after), EXPECTED, "{resource_type}");
        }
        assert_eq!(deliveries("kubernetes_pod_v1", json!({ "spec": secret_pod() })), EXPECTED);
        let job = json!([{ "spec": [{ "template": [{ "spec": secret_pod() }] }] }]);
        assert_eq!(
            deliveries("kubernetes_cron_job_v1", json!({ "spec": [{ "job_template": job }] })),
            EXPECTED
        );
    }

    #[test]
    fn variables_that_are_added_to_a_workload_are_read() {
        let after = json!({ "env": [{ "name": "PASSWORD", "value_from": [{ "secret_key_ref": [{ "name": "db" }] }] }] });
        assert_eq!(deliveries("kubernetes_env", after), ["environment PASSWORD db None"]);
    }

    #[test]
    fn a_secret_that_is_named_at_apply_is_known_by_its_resource() {
        let pod = resource("kubernetes_pod_v1", "a")
            .after(json!({ "spec": [{ "container": [{ "env": [{ "name": "X", "value_from": [{ "secret_key_ref": [{}] }] }] }] }] }))
            .unknown(json!({ "spec": [{ "container": [{ "env": [{ "value_from": [{ "secret_key_ref": [{ "name": true }] }] }] }] }] }))
            .expressions(json!({ "spec": [{ "container": [{ "env": [{ "value_from": [{ "secret_key_ref": [{
                "name": { "references": ["kubernetes_secret_v1.db.metadata[0].name", "kubernetes_secret_v1.db.metadata[0]", "kubernetes_secret_v1.db.metadata", "kubernetes_secret_v1.db"] }
            }] }] }] }] }] }));
        let facts = facts(vec![pod]);
        assert_eq!(facts.deliveries[0].secret.as_deref(), Some("kubernetes_secret_v1.db"));
        assert!(facts.deliveries[0].origin.unknown.is_empty());
    }
}
