-- Version 2: which tools and files a message has, found from the message.
CREATE INDEX labelled_message ON labelled (message, label);
