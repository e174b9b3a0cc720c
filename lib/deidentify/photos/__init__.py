"""The folder tool: photographs in, copies with protected faces and a manifest out."""
