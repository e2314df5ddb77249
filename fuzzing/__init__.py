"""Requests that nobody thought of, sent to both servers: do they answer alike?"""
