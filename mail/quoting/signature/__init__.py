"""The end of a sender's own words that is no message: signatures, telephones' footers, notices; and banners above."""
