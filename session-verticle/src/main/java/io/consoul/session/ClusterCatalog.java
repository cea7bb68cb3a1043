package io.consoul.session;

import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.ListSessions;
import io.consoul.message.MessagePage;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.SessionId;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.message.SessionRequest;
import io.consoul.message.WireType;
import io.consoul.session.CellStep.Kind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whole sessions of the cluster's store. A list says which sessions there are and in what order; what it shows of each is read
 * from the session itself.
 */
final class ClusterCatalog implements SessionCatalog {

  /** While two parts of a cluster become one, an entry may be there before its session. */
  private static final long SECOND_LOOK_MILLIS = 5_000;

  private static final int MAX_SECOND_LOOKS = 1_000;

  private final Vertx vertx;
  private final CellMap cells;
  private final ClusterList list;
  private final ClusterRoom room;
  private int secondLooks;

  ClusterCatalog(Vertx vertx, CellMap cells, ClusterList list, ClusterRoom room) {
    this.vertx = vertx;
    this.cells = cells;
    this.list = list;
    this.room = room;
  }

  @Override
  public Future<SessionInfo> create(CreateSession create, int promptTokens) {
    JsonObject more = new JsonObject().put("tokens", promptTokens).put("full", room.isFull());
    return cells.take(create.sessionKey(), Kind.CREATE, create, more).map(ClusterCatalog::info);
  }

  @Override
  public Future<SessionInfo> read(ReadSession read) {
    return cells.take(read.sessionKey(), Kind.READ, read).map(ClusterCatalog::info);
  }

  @Override
  public Future<MessagePage> messages(ReadMessages read) {
    return cells
        .take(read.sessionKey(), Kind.MESSAGES, read)
        .map(outcome ->
            StoreAnswers.message(WireType.SESSION_MESSAGE_PAGE, MessagePage.class, outcome));
  }

  @Override
  public Future<SessionPage> list(ListSessions request) {
    ListPosition after;
    try {
      after = Cursor.session(request.cursor());
    } catch (RuntimeException refused) {
      return Future.failedFuture(refused);
    }
    return collect(request, after, new ArrayList<>());
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public Future<Long> count() {
    return list.count();
  }

  @Override
  public Future<Optional<SessionStore.Known.Pending>> delete(DeleteSession delete) {
    return cells.take(delete.sessionKey(), Kind.DELETE, delete).map(StoreAnswers::pending);
  }

  /** @param found so far; one more than fits tells that there is another page */
  private Future<SessionPage> collect(
      ListSessions request, ListPosition after, List<SessionInfo> found) {
    int wanted = request.limit() + 1 - found.size();
    return list.page(request, after, MemoryCatalog.prefix(request.namespace()), wanted)
        .compose(positions -> living(request, positions).compose(living -> {
          found.addAll(living);
          boolean isAll = positions.size() < wanted;
          return isAll || living.size() == wanted
              ? Future.succeededFuture(page(found, request.limit()))
              : collect(request, positions.get(positions.size() - 1), found);
        }));
  }

  /** Leaves out those whose time is over and those that are gone; these are looked for once more. */
  private Future<List<SessionInfo>> living(ListSessions request, List<ListPosition> positions) {
    Map<ListPosition, String> keys = positions.stream()
        .collect(Collectors.toMap(
            position -> position,
            position -> SessionRequest.sessionKey(request.tenant(), new SessionId(position.id()))));
    if (keys.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    return cells.summaries(Set.copyOf(keys.values())).map(summaries -> {
      List<SessionInfo> living = new ArrayList<>();
      for (ListPosition position : positions) {
        String key = keys.get(position);
        JsonObject summary = summaries.get(key).value();
        ListEntry entry = new ListEntry(ListName.of(request), position);
        if (!isOf(entry, summary)) {
          lookAgain(key, entry);
        } else if (!summary.getBoolean("expired")) {
          living.add(info(summary.getJsonObject("info")));
        }
      }
      return living;
    });
  }

  /** Takes an entry from the list if its session is still not there in a while. */
  private void lookAgain(String key, ListEntry entry) {
    if (secondLooks >= MAX_SECOND_LOOKS) {
      return;
    }
    secondLooks++;
    vertx.setTimer(SECOND_LOOK_MILLIS, id -> {
      secondLooks--;
      cells.summaries(Set.of(key)).onSuccess(summaries -> {
        JsonObject summary = summaries.get(key).value();
        if (!isOf(entry, summary)) {
          list.change(key, entry, null);
        }
      });
    });
  }

  /** @param summary of the session that has the entry's name, or null */
  private static boolean isOf(ListEntry entry, JsonObject summary) {
    return summary != null
        && summary
            .getString("list", entry.list().toString())
            .equals(entry.list().toString())
        && ListPosition.of(info(summary.getJsonObject("info"))).equals(entry.position());
  }

  private static SessionPage page(List<SessionInfo> found, int limit) {
    if (found.size() <= limit) {
      return new SessionPage(found, null);
    }
    List<SessionInfo> page = found.subList(0, limit);
    return new SessionPage(page, Cursor.ofSession(ListPosition.of(page.get(limit - 1))));
  }

  private static SessionInfo info(Outcome outcome) {
    return info(outcome.value());
  }

  private static SessionInfo info(JsonObject json) {
    return (SessionInfo) WireType.SESSION_INFO.read(json);
  }
}
