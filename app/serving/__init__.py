"""What stands between the network and the page: the door, the files, the start and the stop. No model is known here."""
