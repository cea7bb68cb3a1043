package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.Deleted;
import io.consoul.message.SessionInfo;
import io.consoul.message.Settings;
import io.consoul.session.SessionStore.Known.Pending;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** Makes sessions before their first turn, and ends whatever happens in one that is deleted. */
final class SessionDesk {

  private static final FaultException DELETED =
      Fault.SESSION_NOT_FOUND.because("the session was deleted");

  private final Vertx vertx;
  private final SessionConfig config;
  private final SessionCatalog catalog;
  private final TurnStart start;
  private final TurnQueues queues;
  private final RunningTurns running;
  private final ProviderLine provider;

  SessionDesk(
      Vertx vertx,
      SessionConfig config,
      SessionCatalog catalog,
      TurnStart start,
      TurnQueues queues,
      RunningTurns running,
      ProviderLine provider) {
    this.vertx = vertx;
    this.config = config;
    this.catalog = catalog;
    this.start = start;
    this.queues = queues;
    this.running = running;
    this.provider = provider;
  }

  /** What the request leaves open is as for sessions that a turn makes. */
  Future<SessionInfo> create(CreateSession create) {
    Settings settings = create.settings().or(config.settings());
    CreateSession whole = new CreateSession(
        create.session(),
        create.tenant(),
        create.owner(),
        create.model() == null ? config.model() : create.model(),
        settings,
        create.metadata());
    String prompt = settings.systemPrompt() == null ? "" : settings.systemPrompt();
    return MessageTokens.of(vertx, prompt).compose(tokens -> catalog.create(whole, tokens));
  }

  Future<Deleted> delete(DeleteSession delete) {
    return catalog.delete(delete).map(pending -> {
      queues.of(delete.sessionKey()).forEach(turn -> start.leave(turn, () -> turn.failed(DELETED)));
      pending.ifPresent(deleted -> stop(new TurnKey(delete.tenant(), deleted.turn()), deleted));
      return new Deleted(delete.session());
    });
  }

  /** Nobody waits for the answer: a provider that does not hear this finds its lease gone. */
  private void stop(TurnKey turn, Pending deleted) {
    running
        .handover(turn)
        .map(handover -> handover.map(deleted::at))
        .orElseGet(() -> Future.succeededFuture(deleted))
        .onSuccess(pending ->
            provider.stop(pending, DELETED).onFailure(gone -> provider.failed(pending, DELETED)));
    start.ended(turn);
  }
}
