"""What travels between browser and server: fields read with distrust, texts, changes to a model, packed arrays."""
