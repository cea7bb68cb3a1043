package io.consoul.session;

import io.consoul.message.AbortTurn;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.EndBatch;
import io.consoul.message.Progress;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.SessionRequest;
import io.consoul.message.Swept;
import io.consoul.message.TurnId;
import io.consoul.message.WireType;
import io.consoul.session.CellStep.Kind;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * Sessions in a map that the nodes of a cluster share, each with a copy on a second node. Every step is taken by the code of
 * {@link MemoryStore} where the session is, and once more at its copy before it is answered; whichever node asks.
 */
final class ClusterStore implements SessionStore {

  private final CellMap cells;
  private final ClusterSweep sweep;
  private final ClusterRoom room;

  ClusterStore(CellMap cells, ClusterSweep sweep, ClusterRoom room) {
    this.cells = cells;
    this.sweep = sweep;
    this.room = room;
  }

  @Override
  public Future<Begun> begin(BeginTurn turn, int tokens, String providerInbox) {
    JsonObject more = new JsonObject()
        .put("tokens", tokens)
        .put("provider", providerInbox)
        .put("full", room.isFull());
    return take(turn, Kind.BEGIN, more).map(StoreAnswers::begun);
  }

  @Override
  public Future<Standing> standing(BeginTurn turn) {
    return take(turn, Kind.STANDING, null).map(StoreAnswers::standing);
  }

  @Override
  public Future<Begun.Granted> snapshot(BeginTurn turn, int tokens) {
    return take(turn, Kind.SNAPSHOT, new JsonObject().put("tokens", tokens))
        .map(StoreAnswers::granted);
  }

  @Override
  public Future<Lease> reassign(BeginTurn turn, Lease old, String providerInbox) {
    JsonObject more = StoreAnswers.json(old).put("provider", providerInbox);
    return take(turn, Kind.REASSIGN, more).map(outcome -> StoreAnswers.lease(outcome.value()));
  }

  @Override
  public Future<Void> progress(Progress progress) {
    return take(new TurnKey(progress.tenant(), progress.turn()), Kind.PROGRESS, progress, null)
        .mapEmpty();
  }

  @Override
  public Future<Sealed> seal(SealTurn seal) {
    return take(new TurnKey(seal.tenant(), seal.turn()), Kind.SEAL, seal, null)
        .map(outcome -> StoreAnswers.message(WireType.TURN_SEALED, Sealed.class, outcome));
  }

  @Override
  public Future<TurnId> abort(AbortTurn abort) {
    return take(new TurnKey(abort.tenant(), abort.turn()), Kind.ABORT, abort, null)
        .map(abort.turn());
  }

  @Override
  public Future<Known> find(AttachTurn turn) {
    return take(turn, Kind.FIND, null).map(StoreAnswers::known);
  }

  @Override
  public Future<Takeover> takeOver(TakeOver order) {
    return take(order.turn(), Kind.TAKE_OVER, null, StoreAnswers.json(order))
        .map(StoreAnswers::takeover);
  }

  @Override
  public Future<Optional<Known.Pending>> running(SessionRequest session) {
    return take(session, Kind.RUNNING, null).map(StoreAnswers::pending);
  }

  @Override
  public Future<Boolean> cancel(TurnKey turn) {
    JsonObject more = new JsonObject()
        .put("tenant", turn.tenant().name())
        .put("turn", turn.turn().value());
    return take(turn, Kind.CANCEL, null, more).map(outcome -> outcome.value().getBoolean("was"));
  }

  @Override
  public Future<Void> endBatch(EndBatch end) {
    return take(end, Kind.END_BATCH, null).mapEmpty();
  }

  /** Of what this node's member holds; one instance of the node does it for all. */
  @Override
  public Future<Swept> sweep(int limit, boolean orphansOnly) {
    return sweep.run(limit, orphansOnly);
  }

  private Future<Outcome> take(SessionRequest request, Kind kind, JsonObject more) {
    return cells.take(request.sessionKey(), kind, request, more);
  }

  private Future<Outcome> take(TurnKey turn, Kind kind, BusMessage request, JsonObject more) {
    return cells.take(turn.session(), kind, request, more);
  }
}
