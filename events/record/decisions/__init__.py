"""The register of what committees decided."""
