package io.consoul.message;

/**
 * What comes to a listener's inbox about a turn. One inbox takes many streams: the listener's own number in each message
 * tells them apart, so that two clients of one gateway instance can follow the same turn, each at its own pace.
 */
public sealed interface StreamMessage extends BusMessage permits Queued, Accepted, TurnEvent {

  TurnId turn();

  /** {@link Listener#id} of the one it is for. */
  long listenerId();

  /** The same message for this listener. */
  StreamMessage to(long listenerId);
}
