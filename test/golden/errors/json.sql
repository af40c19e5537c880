{"rule": "x", "query": "select 1"}
