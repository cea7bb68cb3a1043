package io.consoul.session;

import io.consoul.message.Swept;
import io.consoul.message.WireType;
import io.consoul.session.CellStep.Kind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Settles and forgets what has to be, of the sessions that the own member holds. They are found in a worker thread, in the
 * memory of this process.
 */
final class ClusterSweep {

  private static final Swept NOTHING = new Swept(0, 0, false);

  private final Vertx vertx;
  private final CellMap cells;
  private final ClusterList list;
  private final InstantSource clock;
  private final BooleanSupplier isMine;

  /** @param isMine whether this instance sweeps for its node: it would be the same work for each */
  ClusterSweep(
      Vertx vertx, CellMap cells, ClusterList list, InstantSource clock, BooleanSupplier isMine) {
    this.vertx = vertx;
    this.cells = cells;
    this.list = list;
    this.clock = clock;
    this.isMine = isMine;
  }

  /** @param limit of sessions to settle or forget */
  Future<Swept> run(int limit, boolean orphansOnly) {
    if (!isMine.getAsBoolean()) {
      return Future.succeededFuture(NOTHING);
    }
    DueCells due = new DueCells(clock.millis(), orphansOnly);
    return vertx
        .executeBlocking(() -> cells.map().localKeySet(due), false)
        .compose(keys -> sweep(keys, limit, orphansOnly))
        .compose(swept -> orphansOnly || swept.more()
            ? Future.succeededFuture(swept)
            : listAll().map(swept));
  }

  private Future<Swept> sweep(Collection<String> keys, int limit, boolean orphansOnly) {
    JsonObject more = new JsonObject().put("orphans_only", orphansOnly);
    List<Future<Outcome>> steps = new ArrayList<>();
    keys.stream().limit(limit).forEach(key -> steps.add(cells.take(key, Kind.SWEEP, null, more)));
    return Future.join(steps).transform(done -> {
      int expired = 0;
      int orphans = 0;
      for (Future<Outcome> step : steps) {
        if (step.succeeded()) { // what failed is found again by the next run
          Swept swept = StoreAnswers.message(WireType.SWEPT, Swept.class, step.result());
          expired += swept.expired();
          orphans += swept.orphans();
        }
      }
      return Future.succeededFuture(new Swept(expired, orphans, keys.size() > limit));
    });
  }

  /** A member that was lost between making a session and listing it has left it unlisted. */
  private Future<Void> listAll() {
    return vertx
        .executeBlocking(
            () -> {
              ListedCells all = new ListedCells();
              cells.map().localKeySet(all);
              return all.entries();
            },
            false)
        .compose(list::addAll)
        .otherwiseEmpty();
  }
}
