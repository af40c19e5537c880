-- What the fields are is not known, so that no rule is told that it reads unknown ones.
CREATE STREAM events (
  account_id string
  shop.basket string
);

CREATE RULE full_basket SEVERITY low AS SELECT account_id FROM events WHERE shop.basket = 'full';
CREATE RULE unread SEVERITY low AS SELECT account_id FROM events WHERE;
