//! Models behind addresses that speak the OpenAI protocol.
