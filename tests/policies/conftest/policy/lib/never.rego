package lib.never_used_twice

default enabled := false
