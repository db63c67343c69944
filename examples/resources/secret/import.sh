# By the secret's name in the store.
terraform import secret.orders_db prod/orders/db

# By its ARN, on AWS; the region and the account are compared with those of the provider.
terraform import secret.orders_db arn:aws:secretsmanager:eu-central-1:123456789012:secret:prod/orders/db-AbCdEf
