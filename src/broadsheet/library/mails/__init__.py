"""Mails on their way: batches over one connection, by a second process where there is a core to spare."""
