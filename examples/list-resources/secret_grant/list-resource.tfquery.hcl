# terraform query: who was given what, also by hand.
list "secret_grant" "all" {
  provider = secret
}
