# By the secret's name in the store.
terraform import secret_rotation.session_key prod/session/key

# By the path at which the login is read, if the store rotates it.
terraform import secret_rotation.orders_db database/static-creds/orders
