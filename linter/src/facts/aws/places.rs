//! Places in AWS resources whose name does not say what they are for: environments under names of their own, scripts of machines, a
//! store of settings.

use super::super::registry::{Placed, placed};
use super::sensitive::is_plain_parameter;

/// Places that decide what an exposure in them is called.
pub(crate) const PLACES: &[Placed] = &[
    Placed { when: Some(is_plain_parameter), ..placed(&["aws_ssm_parameter"], &["value"], "parameter") },
    placed(&["aws_ssm_parameter"], &["insecure_value"], "parameter"),
    placed(&["aws_appconfig_hosted_configuration_version"], &["content"], "parameter"),
    // App Runner, from an image and from source code.
    placed(
        &["aws_apprunner_service"],
        &[
            "source_configuration",
            "*",
            "image_repository",
            "*",
            "image_configuration",
            "*",
            "runtime_environment_variables",
        ],
        "environment",
    ),
    placed(
        &["aws_apprunner_service"],
        &[
            "source_configuration",
            "*",
            "code_repository",
            "*",
            "code_configuration",
            "*",
            "code_configuration_values",
            "*",
            "runtime_environment_variables",
        ],
        "environment",
    ),
    placed(&["aws_glue_job"], &["default_arguments"], "environment"),
    placed(&["aws_glue_job"], &["non_overridable_arguments"], "environment"),
    placed(&["aws_glue_trigger"], &["actions", "*", "arguments"], "environment"),
    placed(&["aws_sfn_state_machine"], &["definition"], "environment"),
    placed(&["aws_api_gateway_stage", "aws_api_gateway_deployment"], &["variables"], "environment"),
    placed(&["aws_apigatewayv2_stage"], &["stage_variables"], "environment"),
    placed(
        &["aws_elastic_beanstalk_environment", "aws_elastic_beanstalk_configuration_template"],
        &["setting", "*", "value"],
        "environment",
    ),
    placed(&["aws_elastic_beanstalk_environment"], &["all_settings", "*", "value"], "environment"),
    placed(&["aws_mskconnect_connector"], &["connector_configuration"], "environment"),
    placed(
        &["aws_datapipeline_pipeline_definition"],
        &["pipeline_object", "*", "field", "*", "string_value"],
        "environment",
    ),
    placed(
        &["aws_datapipeline_pipeline_definition"],
        &["parameter_value", "*", "string_value"],
        "environment",
    ),
    // Scripts that run when a notebook or a machine starts.
    placed(&["aws_sagemaker_notebook_instance_lifecycle_configuration"], &["on_create"], "user_data"),
    placed(&["aws_sagemaker_notebook_instance_lifecycle_configuration"], &["on_start"], "user_data"),
    placed(&["aws_sagemaker_studio_lifecycle_config"], &["studio_lifecycle_config_content"], "user_data"),
    placed(&["aws_autoscaling_group"], &["tag", "*", "value"], "tag"),
];
