process where process.name == "sudo" and user.id != "0"
