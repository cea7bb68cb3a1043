package io.consoul.session;

import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.ListSessions;
import io.consoul.message.MessagePage;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.message.SessionRequest;
import io.consoul.redis.RedisHealth;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Function;

/**
 * Whole sessions in Redis, and in the shelter while it is away. A session that is in neither is not "not found" then, and a
 * part of the list is not the list: both fail. Confined to one event loop.
 */
final class OutageCatalog implements SessionCatalog {

  private final SessionPlaces places;
  private final SessionCatalog redis;
  private final Shelter shelter;
  private final ShelterNotes notes;
  private final Reoffer reoffer;
  private final RedisHealth health;

  OutageCatalog(
      SessionPlaces places,
      SessionCatalog redis,
      Shelter shelter,
      ShelterNotes notes,
      Reoffer reoffer,
      RedisHealth health) {
    this.places = places;
    this.redis = redis;
    this.shelter = shelter;
    this.notes = notes;
    this.reoffer = reoffer;
    this.health = health;
  }

  @Override
  public Future<SessionInfo> create(CreateSession create, int promptTokens) {
    return places.serve(
        create.sessionKey(),
        SessionPlaces.Unknown.BEGINS,
        () -> redis.create(create, promptTokens),
        notes.withRoom(guestsOnly -> in(guestsOnly)
            .create(create, promptTokens)
            .compose(info -> notes
                .made(create.sessionKey())
                .map(info)
                .recover(unwritten -> undo(create, unwritten)))));
  }

  private Future<SessionInfo> undo(CreateSession create, Throwable reason) {
    return shelter
        .export(create.sessionKey())
        .compose(made ->
            made == null ? Future.succeededFuture() : shelter.merged(made.withoutDelete(), 0))
        .compose(nothing -> shelter.release(create.sessionKey()))
        .transform(done -> Future.failedFuture(reason));
  }

  @Override
  public Future<SessionInfo> read(ReadSession read) {
    return serve(read, catalog -> catalog.read(read));
  }

  @Override
  public Future<MessagePage> messages(ReadMessages read) {
    return serve(read, catalog -> catalog.messages(read));
  }

  @Override
  public Future<SessionPage> list(ListSessions list) {
    return places.isAway() ? Future.failedFuture(health.unavailable()) : redis.list(list);
  }

  @Override
  public boolean isShared() {
    return redis.isShared();
  }

  @Override
  public Future<Long> count() {
    return places.isAway() ? Future.failedFuture(health.unavailable()) : redis.count();
  }

  @Override
  public Future<Optional<SessionStore.Known.Pending>> delete(DeleteSession delete) {
    String session = delete.sessionKey();
    return places
        .serve(
            session,
            SessionPlaces.Unknown.REFUSED,
            () -> redis.delete(delete),
            notes.withRoom(guestsOnly -> in(guestsOnly)
                .delete(delete)
                .compose(pending -> shelter
                    .delete(session)
                    .onSuccess(noted -> reoffer.forget(session))
                    .compose(noted -> notes.deleted(session))
                    .map(pending))))
        .onSuccess(deleted -> reoffer.forget(session));
  }

  private <T> Future<T> serve(SessionRequest request, Function<SessionCatalog, Future<T>> step) {
    return places.serve(
        request.sessionKey(),
        SessionPlaces.Unknown.REFUSED,
        () -> step.apply(redis),
        guestsOnly -> step.apply(in(guestsOnly)));
  }

  private SessionCatalog in(boolean guestsOnly) {
    return guestsOnly ? shelter.guestCatalog() : shelter.catalog();
  }
}
