terraform {
  required_providers {
    gitlab = { source = "gitlabhq/gitlab" }
  }
}

# The token of the job itself, which ends with the job, opens the other project.
resource "gitlab_project_job_token_scope" "registry" {
  project           = "example/images"
  target_project_id = 4711
}
