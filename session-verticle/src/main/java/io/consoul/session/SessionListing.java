package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.ListSessions;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.node.Node;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Puts the lists of a node's session instances together: whichever is asked answers for all. */
final class SessionListing {

  /** Whoever asked us hears within 2 s. */
  private static final Duration PATIENCE = Duration.ofMillis(1_800);

  private final Node node;
  private final SessionCatalog catalog;
  private final String ownInbox;

  SessionListing(Node node, SessionCatalog catalog, String ownInbox) {
    this.node = node;
    this.catalog = catalog;
    this.ownInbox = ownInbox;
  }

  Future<SessionPage> list(ListSessions list) {
    Future<SessionPage> own = catalog.list(list);
    return list.own() || catalog.isShared() ? own : own.compose(page -> withOthers(list, page));
  }

  private Future<SessionPage> withOthers(ListSessions list, SessionPage own) {
    ListSessions theirs = new ListSessions(
        list.tenant(), list.owner(), list.namespace(), list.limit(), list.cursor(), true);
    List<Future<SessionPage>> pages = new ArrayList<>(List.of(Future.succeededFuture(own)));
    node.directory().serving(Kind.SESSION).stream()
        .filter(hello -> hello.node().equals(node.id()) && !hello.inbox().equals(ownInbox))
        .map(hello -> ask(hello, theirs))
        .forEach(pages::add);
    return Future.all(pages)
        .map(all -> merged(pages.stream().map(Future::result).toList(), list.limit()));
  }

  private Future<SessionPage> ask(Hello other, ListSessions list) {
    return node.bus()
        .ask(Kind.SESSION, other.inbox(), list, SessionPage.class, PATIENCE)
        .recover(failure -> Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(
            1, "a part of the sessions could not be listed; try again in a moment")));
  }

  private static SessionPage merged(List<SessionPage> pages, int limit) {
    List<SessionInfo> all = pages.stream()
        .flatMap(page -> page.sessions().stream())
        .sorted(Comparator.comparing(ListPosition::of))
        .toList();
    List<SessionInfo> page = all.subList(0, Math.min(limit, all.size()));
    boolean more = all.size() > limit || pages.stream().anyMatch(each -> each.nextCursor() != null);
    return new SessionPage(
        page, more ? Cursor.ofSession(ListPosition.of(page.get(page.size() - 1))) : null);
  }
}
