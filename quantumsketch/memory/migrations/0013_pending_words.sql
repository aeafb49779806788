-- What was written last lies in a list before an index of words, and each word of a question reads the list from its
-- beginning: up to 4 MB, which took ten times longer than the index itself. A sixteenth of that costs writers little.
ALTER INDEX nodes_words SET (gin_pending_list_limit = 256);
ALTER INDEX chunks_words SET (gin_pending_list_limit = 256);
