package contacts

import (
	"cmp"
	"context"

	"ibfs/fs/view"
)

const accountsPath = "Library/Accounts/Accounts3.sqlite"

// account is the name of a store.
func (b *book) account(store int64) string { return b.stores[store] }

// nameAccounts gives the stores the names of their accounts, which are in a
// database of their own: what the address book itself calls a store, such as
// "Card", tells nobody anything. Where that cannot be read the names stay. The
// error is one that passes.
func (b *book) nameAccounts(ctx context.Context, src *view.Source, db *view.Database) error {
	identifiers := map[int64]string{} // by ABAccount.ROWID
	err := b.Table(ctx, db, "ABAccount", nil, []string{"rowid", "AccountIdentifier"}, func(r view.Row) {
		identifiers[r.Int(0)] = r.Text(1)
	})
	var names map[string]string
	if err == nil {
		names, err = accountNames(ctx, src)
	}
	if err == nil {
		err = b.Table(ctx, db, "ABStore", nil, []string{"rowid", "AccountID"}, func(r view.Row) {
			if name := names[identifiers[r.Int(1)]]; name != "" {
				b.stores[r.Int(0)] = name
			}
		})
	}
	if view.Passing(err) {
		return err
	}
	return nil
}

// accountNames are the names of the phone's accounts, by their identifiers: that
// of the account that one belongs to, as "iCloud", or its own.
func accountNames(ctx context.Context, src *view.Source) (map[string]string, error) {
	db, err := src.Database(ctx, domain, accountsPath)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	type account struct {
		parent                      int64
		identifier, described, user string
	}
	accounts := map[int64]account{}
	reading := view.Reading{Left: maxSize}
	err = reading.Table(ctx, db, "ZACCOUNT", nil, []string{"Z_PK", "ZPARENTACCOUNT", "ZIDENTIFIER", "ZACCOUNTDESCRIPTION", "ZUSERNAME"}, func(r view.Row) {
		accounts[r.Int(0)] = account{r.Int(1), r.Text(2), view.OneLine(r.Text(3)), view.OneLine(r.Text(4))}
	})
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, a := range accounts {
		parent := accounts[a.parent]
		names[a.identifier] = cmp.Or(a.described, parent.described, a.user, parent.user)
	}
	return names, nil
}
