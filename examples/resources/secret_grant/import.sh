# SECRET|PRINCIPAL: the secret's name in the store and the grantee's identity.
terraform import secret_grant.nightly_report 'prod/reporting/db|age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p'
