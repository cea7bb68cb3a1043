package io.consoul.session;

import io.consoul.message.Bus;
import io.consoul.message.Failed;
import io.consoul.message.FollowTurn;
import io.consoul.message.Following;
import io.consoul.message.Kind;
import io.consoul.message.Listener;
import io.consoul.message.StopAnswer;
import io.consoul.message.Stopped;
import io.consoul.message.TurnFailed;
import io.vertx.core.Future;
import java.time.Duration;

/** What a session asks the provider that has a turn of its. */
final class ProviderLine {

  /** Whoever asked us hears within 2 s, also when the provider says nothing. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Bus bus;

  ProviderLine(Bus bus) {
    this.bus = bus;
  }

  Future<Following> follow(SessionStore.Known.Pending pending, int after, Listener listener) {
    FollowTurn follow = new FollowTurn(pending.turn(), after, listener);
    return bus.ask(Kind.PROVIDER, pending.providerInbox(), follow, Following.class, PATIENCE);
  }

  /** In the provider's place, which does not answer: tells the listener that the turn was begun for what became of it. */
  void failed(SessionStore.Known.Pending pending, Throwable reason) {
    bus.tell(
        pending.listener(), new TurnFailed(pending.turn(), pending.fence(), 0, Failed.of(reason)));
  }

  /** @return whether there was something to stop */
  Future<Boolean> stop(SessionStore.Known.Pending pending, Throwable reason) {
    StopAnswer stop = new StopAnswer(pending.turn(), pending.fence(), Failed.of(reason));
    return bus.ask(Kind.PROVIDER, pending.providerInbox(), stop, Stopped.class, PATIENCE)
        .map(Stopped::stopped);
  }
}
