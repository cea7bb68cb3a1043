package io.consoul.gateway;

import io.consoul.message.Alive;
import io.consoul.message.Credit;
import io.consoul.message.Delta;
import io.consoul.message.Listener;
import io.consoul.message.TurnId;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Says a long text as a provider would: within its listener's window, and with signs of life while that is full. */
final class LongText implements AutoCloseable {

  /** The text is a multiple of it. */
  static final int PIECE = 1_024;

  private static final int FENCE = 1;

  /** No busy loop: the server has to have time to serve. */
  private static final Duration SIGN_OF_LIFE = Duration.ofMillis(2);

  private final RunningGateway gateway;
  private final TurnId turn;
  private final Listener listener;
  private final AtomicInteger sent = new AtomicInteger();
  private volatile boolean stopped;

  LongText(RunningGateway gateway, TurnId turn, Listener listener) {
    this.gateway = gateway;
    this.turn = turn;
    this.listener = listener;
  }

  /** Begins, and goes on until that many characters are said. */
  LongText say(int length) {
    Thread provider = new Thread(() -> {
      while (!stopped && sent.get() < length) {
        if (sent.get() - credited() + PIECE <= listener.window()) {
          gateway.tell(listener, new Delta(turn, FENCE, sent.getAndAdd(PIECE), "x".repeat(PIECE)));
        } else {
          gateway.tell(listener, new Alive(turn, FENCE));
          LockSupport.parkNanos(SIGN_OF_LIFE.toNanos());
        }
      }
      gateway.tell(listener, RunningGateway.completed(turn, FENCE, length));
    });
    provider.setDaemon(true);
    provider.start();
    return this;
  }

  /** How much was said up to now. */
  int sent() {
    return sent.get();
  }

  private int credited() {
    return gateway.session.received().all(Credit.class).stream()
        .mapToInt(Credit::upTo)
        .max()
        .orElse(0);
  }

  @Override
  public void close() {
    stopped = true;
  }
}
