package io.consoul.provider;

import io.consoul.message.Credit;
import io.consoul.message.Detach;
import io.consoul.message.Listener;

/** Which listener: one inbox may follow the same turn several times, and tells its streams apart by their ids. */
record ListenerKey(String inbox, long id) {

  static ListenerKey of(Listener listener) {
    return new ListenerKey(listener.inbox(), listener.id());
  }

  static ListenerKey of(Credit credit) {
    return new ListenerKey(credit.inbox(), credit.listenerId());
  }

  static ListenerKey of(Detach detach) {
    return new ListenerKey(detach.inbox(), detach.listenerId());
  }
}
