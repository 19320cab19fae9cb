"""The checks of the data report, one subject a file: each looks at accepted rows and returns warnings."""
