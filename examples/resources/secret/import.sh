# By the secret's name in the store.
terraform import secret.orders_db prod/orders/db
