package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Accepted;
import io.consoul.message.AttachTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Following;
import io.consoul.message.Queued;
import io.consoul.session.SessionStore.Known.Pending;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Brings a listener to a turn that was begun before, wherever that is by now; has it taken over where its provider is gone.
 * Confined to one event loop.
 */
final class AttachDesk {

  /** What is left of the 2 s that an answer may take when a silent provider was waited for. */
  private static final Duration PATIENCE = Duration.ofMillis(700);

  private final SessionConfig config;
  private final SessionStore store;
  private final TurnQueues queues;
  private final RunningTurns running;
  private final ProviderLine provider;
  private final TakeoverDesk takeovers;

  AttachDesk(
      SessionConfig config,
      SessionStore store,
      TurnQueues queues,
      RunningTurns running,
      ProviderLine provider,
      TakeoverDesk takeovers) {
    this.config = config;
    this.store = store;
    this.queues = queues;
    this.running = running;
    this.provider = provider;
    this.takeovers = takeovers;
  }

  /** @return {@code Queued}, {@code Accepted} or {@code Replayed} */
  Future<BusMessage> attach(AttachTurn attach) {
    return queues
        .find(new TurnKey(attach.tenant(), attach.turn()))
        .<BusMessage>map(waiting -> new Queued(attach.turn(), queues.ahead(waiting)))
        .map(Future::succeededFuture)
        .orElseGet(() -> attachToBegun(attach));
  }

  /** As above, to one that has begun, whether its first listener waits here or not. */
  Future<BusMessage> attachToBegun(AttachTurn attach) {
    return unlessHandedOver(
        attach,
        () -> store
            .find(attach)
            .compose(known ->
                known instanceof Pending pending ? follow(attach, pending) : replayed(known)));
  }

  /** While a provider is being found for it there is nothing to attach to. */
  private Future<BusMessage> unlessHandedOver(
      AttachTurn attach, Supplier<Future<BusMessage>> otherwise) {
    return running
        .handover(new TurnKey(attach.tenant(), attach.turn()))
        .map(underWay -> queued(attach))
        .orElseGet(otherwise);
  }

  private Future<BusMessage> follow(AttachTurn attach, Pending pending) {
    if (!provider.isThere(pending)) {
      return takeOver(attach, pending, SessionConfig.UNRENEWED_WHEN_GONE);
    }
    return provider
        .follow(pending, attach)
        .<BusMessage>map(following -> accepted(pending, following))
        .recover(failure -> takeOver(attach, pending, unrenewedAfter(pending, failure)));
  }

  private static Accepted accepted(Pending pending, Following following) {
    return new Accepted(
        pending.turn(), following.fence(), pending.providerInbox(), following.cuts());
  }

  /** One that says nothing may be well and only slow, as long as it is heard of. */
  private Duration unrenewedAfter(Pending pending, Throwable failure) {
    boolean notThere =
        failure instanceof FaultException known && known.fault() == Fault.SESSION_NOT_FOUND;
    return notThere || !provider.isThere(pending)
        ? SessionConfig.UNRENEWED_WHEN_GONE
        : config.lease();
  }

  private Future<BusMessage> takeOver(AttachTurn attach, Pending lost, Duration unrenewed) {
    return unlessHandedOver(
        attach,
        () -> takeovers
            .takeOver(attach, lost, unrenewed)
            .<BusMessage>map(taken -> taken.accepted(attach.turn()))
            .recover(failure -> lookAgain(attach, failure))
            .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
            .recover(failure -> failure instanceof TimeoutException
                ? queued(attach)
                : Future.failedFuture(failure)));
  }

  /** Nobody has taken it over for this listener: it has ended, or another one was faster, or it is too early for that. */
  private Future<BusMessage> lookAgain(AttachTurn attach, Throwable failure) {
    return unlessHandedOver(
        attach,
        () -> store
            .find(attach)
            .compose(
                known -> known instanceof Pending ? Future.failedFuture(failure) : replayed(known))
            .recover(none -> Future.failedFuture(failure)));
  }

  private static Future<BusMessage> queued(AttachTurn attach) {
    return Future.succeededFuture(new Queued(attach.turn(), 0));
  }

  private static Future<BusMessage> replayed(SessionStore.Known known) {
    return Future.succeededFuture(((SessionStore.Known.Ended) known).replayed());
  }
}
