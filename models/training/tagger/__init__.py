"""The tagger of attributions: data, network, decoding, export."""
