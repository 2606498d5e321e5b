"""The bytes of a received mail come in, one `InboundMail` goes out."""
