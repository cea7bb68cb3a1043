package io.consoul.testkit;

import io.consoul.message.Accepted;
import io.consoul.message.Alive;
import io.consoul.message.Asides;
import io.consoul.message.Bus;
import io.consoul.message.BusMessage;
import io.consoul.message.Completed;
import io.consoul.message.Credit;
import io.consoul.message.Delta;
import io.consoul.message.Handlers;
import io.consoul.message.Listener;
import io.consoul.message.Queued;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.UUID;

/** A listener as a gateway would be one: an inbox that keeps all it gets. It gives credit only when told to. */
public final class ListeningInbox {

  private final Bus bus;
  private final String address = "test.listener." + UUID.randomUUID();
  private final Received received = new Received();
  private volatile String creditTo;
  private MessageConsumer<Object> consumer;

  private ListeningInbox(Bus bus) {
    this.bus = bus;
  }

  public static Future<ListeningInbox> open(Bus bus) {
    ListeningInbox inbox = new ListeningInbox(bus);
    inbox.consumer = bus.serve(
        inbox.address,
        new Handlers()
            .onEvent(Queued.class, inbox.received::add)
            .onEvent(Accepted.class, inbox.received::add)
            .onEvent(Alive.class, inbox.received::add)
            .onEvent(Delta.class, inbox::delta)
            .onEvent(Asides.class, inbox.received::add)
            .onEvent(Completed.class, inbox.received::add)
            .onEvent(TurnFailed.class, inbox.received::add));
    return inbox.consumer.completion().map(inbox);
  }

  /** How a turn names this inbox. */
  public Listener listener(int window) {
    return new Listener(address, window);
  }

  public Listener listener() {
    return listener(Listener.DEFAULT_WINDOW);
  }

  public String address() {
    return address;
  }

  /** From now on every delta is acknowledged at once to this provider inbox. */
  public ListeningInbox creditingTo(String providerInbox) {
    creditTo = providerInbox;
    return this;
  }

  /** Acknowledges once. */
  public void credit(String providerInbox, TurnId turn, long fence, int upTo) {
    bus.tell(providerInbox, new Credit(turn, fence, address, upTo));
  }

  public Received received() {
    return received;
  }

  /**
   * The text of a turn so far, put together from its deltas.
   *
   * @throws AssertionError where there is a gap
   */
  public String text(TurnId turn) {
    StringBuilder text = new StringBuilder();
    long fence = Long.MIN_VALUE;
    for (Delta delta : received.all(Delta.class)) {
      if (!delta.turn().equals(turn) || delta.fence() < fence) {
        continue;
      }
      fence = delta.fence();
      if (delta.offset() > text.length()) {
        throw new AssertionError("gap: have " + text.length() + ", got offset " + delta.offset());
      }
      text.setLength(delta.offset());
      text.append(delta.text());
    }
    return text.toString();
  }

  public Future<Void> close() {
    return consumer.unregister();
  }

  private void delta(Delta delta) {
    received.add(delta);
    if (creditTo != null) {
      credit(creditTo, delta.turn(), delta.fence(), delta.end());
    }
  }

  @Override
  public String toString() {
    return received.all().stream().map(BusMessage::toString).toList().toString();
  }
}
