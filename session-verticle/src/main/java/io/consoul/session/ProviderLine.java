package io.consoul.session;

import io.consoul.message.AttachTurn;
import io.consoul.message.Failed;
import io.consoul.message.FollowTurn;
import io.consoul.message.Following;
import io.consoul.message.Kind;
import io.consoul.message.StopAnswer;
import io.consoul.message.Stopped;
import io.consoul.message.TurnFailed;
import io.consoul.node.Node;
import io.vertx.core.Future;
import java.time.Duration;

/** What a session asks the provider that has a turn of its. */
final class ProviderLine {

  /** Whoever asked us hears within 2 s, also when the provider says nothing. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** The same for one that its listener believes to be gone: we may be about to hear the same. */
  private static final Duration DOUBT = Duration.ofMillis(400);

  private final Node node;

  ProviderLine(Node node) {
    this.node = node;
  }

  /** Whether anything has been heard lately of the provider that has the turn. */
  boolean isThere(SessionStore.Known.Pending pending) {
    return node.directory().knows(pending.providerInbox());
  }

  Future<Following> follow(SessionStore.Known.Pending pending, AttachTurn attach) {
    FollowTurn follow =
        new FollowTurn(pending.turn(), attach.after(), 0, attach.cuts(), attach.listener());
    return node.bus()
        .ask(
            Kind.PROVIDER,
            pending.providerInbox(),
            follow,
            Following.class,
            attach.heard() == null ? PATIENCE : DOUBT);
  }

  /** In the provider's place, which does not answer: tells the listener that the turn was begun for what became of it. */
  void failed(SessionStore.Known.Pending pending, Throwable reason) {
    node.bus()
        .tell(
            pending.listener(),
            new TurnFailed(pending.turn(), pending.fence(), 0, Failed.of(reason)));
  }

  /** @return whether there was something to stop */
  Future<Boolean> stop(SessionStore.Known.Pending pending, Throwable reason) {
    StopAnswer stop = new StopAnswer(pending.turn(), pending.fence(), Failed.of(reason));
    return node.bus()
        .ask(Kind.PROVIDER, pending.providerInbox(), stop, Stopped.class, PATIENCE)
        .map(Stopped::stopped);
  }
}
