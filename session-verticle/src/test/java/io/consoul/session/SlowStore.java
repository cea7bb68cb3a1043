package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.EndBatch;
import io.consoul.message.Progress;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.SessionRequest;
import io.consoul.message.Swept;
import io.consoul.message.TurnId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A store in which each question to begin waits for the test to answer it. */
final class SlowStore implements SessionStore {

  final List<Promise<Begun>> asked = new CopyOnWriteArrayList<>();
  final List<AbortTurn> aborted = new CopyOnWriteArrayList<>();
  volatile boolean down;

  /** What it answers at once from now on; null where the test does. */
  volatile Begun begun;

  volatile Known.Pending running;
  volatile Standing standing = new Standing.InOrder();

  @Override
  public Future<Begun> begin(BeginTurn turn, int tokens, String providerInbox) {
    if (down) {
      return Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because());
    }
    Promise<Begun> answer = Promise.promise();
    asked.add(answer);
    if (begun != null) {
      answer.complete(begun);
    }
    return answer.future();
  }

  @Override
  public Future<Standing> standing(BeginTurn turn) {
    return Future.succeededFuture(standing);
  }

  @Override
  public Future<Begun.Granted> snapshot(BeginTurn turn, int tokens) {
    return Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because());
  }

  @Override
  public Future<Lease> reassign(BeginTurn turn, Lease old, String providerInbox) {
    return Future.succeededFuture(new Lease(old.fence() + 1, "reassigned"));
  }

  @Override
  public Future<Void> progress(Progress progress) {
    return Future.succeededFuture();
  }

  @Override
  public Future<Sealed> seal(SealTurn seal) {
    return Future.succeededFuture(new Sealed(seal.turn(), Instant.EPOCH));
  }

  @Override
  public Future<TurnId> abort(AbortTurn abort) {
    aborted.add(abort);
    return Future.succeededFuture(abort.turn());
  }

  @Override
  public Future<Void> endBatch(EndBatch end) {
    return Future.succeededFuture();
  }

  @Override
  public Future<Known> find(AttachTurn turn) {
    return Future.failedFuture(Fault.SESSION_NOT_FOUND.because());
  }

  @Override
  public Future<Takeover> takeOver(TakeOver order) {
    return Future.failedFuture(Fault.SESSION_NOT_FOUND.because());
  }

  @Override
  public Future<Optional<Known.Pending>> running(SessionRequest session) {
    return Future.succeededFuture(Optional.ofNullable(running));
  }

  @Override
  public Future<Boolean> cancel(TurnKey turn) {
    return Future.succeededFuture(false);
  }

  @Override
  public Future<Swept> sweep(int limit, boolean orphansOnly) {
    return Future.succeededFuture(new Swept(0, 0, false));
  }
}
