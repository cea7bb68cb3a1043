package io.consoul.session;

import io.consoul.message.AbortTurn;
import io.consoul.message.Aborted;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.EndBatch;
import io.consoul.message.Progress;
import io.consoul.message.Renewed;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.SessionRequest;
import io.consoul.message.Swept;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Function;

/**
 * Sessions in Redis, and in the shelter while it is away, so that turns go on as if nothing had happened. Confined to one
 * event loop.
 */
final class OutageStore implements SessionStore {

  private final SessionPlaces places;
  private final SessionStore redis;
  private final Shelter shelter;
  private final ShelterNotes notes;
  private final SessionsAtHand atHand;
  private final RecentTurns recent;
  private final OtherInstances others;
  private final SessionPlaces.Unknown unknown;

  /** @param unknown what becomes of a turn whose session is not at hand in an outage */
  OutageStore(
      SessionPlaces places,
      SessionStore redis,
      Shelter shelter,
      ShelterNotes notes,
      SessionsAtHand atHand,
      RecentTurns recent,
      OtherInstances others,
      SessionPlaces.Unknown unknown) {
    this.places = places;
    this.redis = redis;
    this.shelter = shelter;
    this.notes = notes;
    this.atHand = atHand;
    this.recent = recent;
    this.others = others;
    this.unknown = unknown;
  }

  @Override
  public Future<Begun> begin(BeginTurn turn, int tokens, String providerInbox) {
    return places.begin(
        turn.sessionKey(),
        unknown,
        () -> redis.begin(turn, tokens, providerInbox),
        notes.withRoom(guestsOnly -> in(guestsOnly).begin(turn, tokens, providerInbox)));
  }

  @Override
  public Future<Standing> standing(BeginTurn turn) {
    return places.serve(
        turn.sessionKey(),
        unknown,
        () -> redis.standing(turn),
        guestsOnly -> in(guestsOnly).standing(turn));
  }

  @Override
  public Future<Begun.Granted> snapshot(BeginTurn turn, int tokens) {
    return places.serve(
        turn.sessionKey(),
        unknown,
        () -> redis.snapshot(turn, tokens),
        guestsOnly -> in(guestsOnly).snapshot(turn, tokens));
  }

  @Override
  public Future<Lease> reassign(BeginTurn turn, Lease old, String providerInbox) {
    return serve(turn.sessionKey(), store -> store.reassign(turn, old, providerInbox));
  }

  @Override
  public Future<Void> progress(Progress progress) {
    String session = new TurnKey(progress.tenant(), progress.turn()).session();
    return serve(session, store -> store.progress(progress))
        .recover(
            failure -> others.instead(failure, session, progress, Renewed.class).mapEmpty());
  }

  @Override
  public Future<Sealed> seal(SealTurn seal) {
    String session = new TurnKey(seal.tenant(), seal.turn()).session();
    return places
        .serve(
            session,
            SessionPlaces.Unknown.REFUSED,
            () -> redis.seal(seal).onSuccess(done -> acknowledged(session, seal.turn())),
            notes.withRoom(guestsOnly -> in(guestsOnly).seal(seal)))
        .recover(failure -> others.instead(failure, session, seal, Sealed.class));
  }

  @Override
  public Future<TurnId> abort(AbortTurn abort) {
    String session = new TurnKey(abort.tenant(), abort.turn()).session();
    return serve(session, store -> store.abort(abort))
        .recover(
            failure -> others.instead(failure, session, abort, Aborted.class).map(Aborted::turn));
  }

  @Override
  public Future<Known> find(AttachTurn turn) {
    return serve(turn.sessionKey(), store -> store.find(turn));
  }

  @Override
  public Future<Takeover> takeOver(TakeOver order) {
    return serve(order.turn().session(), store -> store.takeOver(order));
  }

  @Override
  public Future<Optional<Known.Pending>> running(SessionRequest session) {
    return serve(session.sessionKey(), store -> store.running(session));
  }

  @Override
  public Future<Boolean> cancel(TurnKey turn) {
    return serve(turn.session(), store -> store.cancel(turn));
  }

  @Override
  public Future<Void> endBatch(EndBatch end) {
    return serve(end.sessionKey(), store -> store.endBatch(end));
  }

  @Override
  public Future<Swept> sweep(int limit, boolean orphansOnly) {
    return shelter
        .store()
        .sweep(limit, orphansOnly)
        .compose(sheltered -> noteAll()
            .compose(noted -> places.isAway() || sheltered.more()
                ? Future.succeededFuture(sheltered)
                : redis
                    .sweep(Math.max(1, limit - count(sheltered)), orphansOnly)
                    .map(swept -> sum(sheltered, swept))));
  }

  /** What the sweep settled is in the journal as well; where that fails, the next step of its session tries again. */
  private Future<Void> noteAll() {
    return shelter
        .own()
        .compose(guests -> Future.join(guests.stream().map(notes::note).toList()))
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }

  private static int count(Swept swept) {
    return swept.expired() + swept.orphans();
  }

  private static Swept sum(Swept one, Swept other) {
    return new Swept(
        one.expired() + other.expired(),
        one.orphans() + other.orphans(),
        other.strays(),
        other.more());
  }

  private void acknowledged(String sessionKey, TurnId turn) {
    atHand.find(sessionKey).flatMap(session -> session.acknowledged(turn)).ifPresent(recent::add);
  }

  private <T> Future<T> serve(String sessionKey, Function<SessionStore, Future<T>> step) {
    return places.serve(
        sessionKey,
        SessionPlaces.Unknown.REFUSED,
        () -> step.apply(redis),
        guestsOnly -> step.apply(in(guestsOnly)));
  }

  private SessionStore in(boolean guestsOnly) {
    return guestsOnly ? shelter.guestStore() : shelter.store();
  }
}
