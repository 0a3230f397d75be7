fn main() {
    use embed::*;
    let store = ModelStore::mini_lm(std::env::args().nth(1).unwrap());
    let t = std::time::Instant::now();
    let s = store.fetch(
        &Origin::Path(std::env::args().nth(2).unwrap().into()),
        std::time::SystemTime::now(),
        &mut |p| {
            if let Progress::Converting = p {
                eprintln!("{p:?}")
            }
        },
    );
    eprintln!("{s:?} {:?}", t.elapsed());
    for o in [MiniLmOptions::one_query(), MiniLmOptions::many_texts(1)] {
        let t = std::time::Instant::now();
        let mut m = MiniLm::load(&store, &o).unwrap();
        eprintln!("load {:?}", t.elapsed());
        let t = std::time::Instant::now();
        let v = m
            .embed(&[
                "how do we back up the archive?",
                "",
                "backups of the archive",
            ])
            .unwrap();
        eprintln!(
            "{:?} {:?} {} {}",
            t.elapsed(),
            &v[0].as_slice()[..4],
            v[0].cosine(&v[2]),
            v[1].is_empty()
        );
    }
}
