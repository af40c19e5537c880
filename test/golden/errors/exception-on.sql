CREATE EXCEPTION x ON many_resets WHERE account_id = 'a';
