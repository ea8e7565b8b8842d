"""What is done for a release: dependencies looked at, files built and tried. Not shipped."""
