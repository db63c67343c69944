# By the secret's name in the store.
terraform import secret_rotation.session_key prod/session/key
