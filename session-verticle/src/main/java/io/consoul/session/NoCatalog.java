package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.ListSessions;
import io.consoul.message.MessagePage;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.SessionInfo;
import io.consoul.message.SessionPage;
import io.consoul.message.Swept;
import io.vertx.core.Future;
import java.util.Optional;

/** Stands where the catalog of the sessions in Redis will be. */
final class NoCatalog implements SessionCatalog, Sweeper {

  @Override
  public Future<SessionInfo> create(CreateSession create, int promptTokens) {
    return missing();
  }

  @Override
  public Future<SessionInfo> read(ReadSession read) {
    return missing();
  }

  @Override
  public Future<MessagePage> messages(ReadMessages read) {
    return missing();
  }

  @Override
  public Future<SessionPage> list(ListSessions list) {
    return missing();
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public Future<Long> count() {
    return missing();
  }

  @Override
  public Future<Optional<SessionStore.Known.Pending>> delete(DeleteSession delete) {
    return missing();
  }

  @Override
  public Future<Swept> sweep(int limit, boolean orphansOnly) {
    return Future.succeededFuture(new Swept(0, 0, false));
  }

  private static <T> Future<T> missing() {
    return Future.failedFuture(Fault.SESSION_STORAGE_UNAVAILABLE.because());
  }
}
